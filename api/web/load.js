/**
 * What a page fetched for itself: its data, whether they are still on their way, and what went wrong. Data of a former
 * question are never shown for a later one, and an answer that comes too late is dropped.
 *
 * @template T
 * @typedef {{status: "loading"|"ready"|"failed", data: T|null, problem: string|null, reload: () => void, set: (data: T) => void}} Loaded
 */
import { useEffect, useState } from "preact/hooks";

/**
 * Fetches when `key` changes and when `reload` is called; while it reloads the old data stay. `set` puts data in place
 * that the page knows already, as the answer to a change.
 * @template T
 * @param {string} key what is asked for, as text
 * @param {() => Promise<T>} fetch
 * @returns {Loaded<T>}
 */
export function useLoad(key, fetch) {
  const [attempt, setAttempt] = useState(0);
  const [held, setHeld] = useState(/** @type {{key: string, data: T|null, problem: string|null}|null} */ (null));
  useEffect(() => {
    let wanted = true;
    fetch().then(
      (data) => { if (wanted) setHeld({ key, data, problem: null }); },
      (problem) => {
        if (!wanted) return;
        setHeld((old) => ({ key, data: old?.key === key ? old.data : null, problem: problem.code ?? "unavailable" }));
      },
    );
    return () => { wanted = false; };
  }, [key, attempt]);
  const mine = held?.key === key ? held : null;
  const status = mine === null ? "loading" : mine.data === null ? "failed" : "ready";
  return {
    status,
    data: mine?.data ?? null,
    problem: mine?.problem ?? null,
    reload: () => setAttempt((n) => n + 1),
    set: (data) => setHeld({ key, data, problem: null }),
  };
}
