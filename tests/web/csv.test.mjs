import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../../api/web/csv.js";

test("texts are quoted, lines end as spreadsheets want them, and the encoding is marked", () => {
  assert.equal(csv([["Camera", "Số"], ['Cổng "chợ"', 3]]), '\ufeff"Camera","Số"\r\n"Cổng ""chợ""",3\r\n');
});

for (const text of ["=1+1", "+84", "-2", "@SUM(A1)", " =1", "\t=1", "|cmd"]) {
  test(`${JSON.stringify(text)} stays a text`, () => assert.equal(csv([[text]]), `\ufeff"'${text}"\r\n`));
}

test("what is absent is empty", () => assert.equal(csv([[null, undefined, ""]]), '\ufeff"","",""\r\n'));
