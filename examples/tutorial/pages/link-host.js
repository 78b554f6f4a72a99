/**
 * What a link tells the pane that it works for, and what it may ask of it. Links know nothing of the page;
 * each carries the room in its own way and counts what it moves.
 *
 * @typedef {object} LinkHost
 * @property {{ userAgent: string, language: string, referrer: string }} browser
 * @property {() => string} newKey an idempotency key, never the same twice
 * @property {(bytes: number) => void} onRequest a request was made, of so many bytes
 * @property {(bytes: number) => void} onBytes so many bytes went over the line besides
 * @property {(address: URL, by: "xmlhttprequest" | "fetch") => void} countAnswers counts the answers to
 *   requests for this address that the browser measures, by what made them
 * @property {(text: string) => void} onText a message of the room
 * @property {() => void} onRestart the newest messages come once more
 * @property {(isUp: boolean, words: string) => void} onState
 * @property {(words: string) => void} onRefused what was sent has not been taken
 */

export {};
