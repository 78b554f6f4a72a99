import { make } from "./element.js";
import { markedLines } from "./marked-lines.js";

/** Shows the source of a file, as it is served, with the lines of one step marked. */
export class CodeView {
  /** @type {HTMLOListElement} */ #list;
  /** @type {HTMLElement} */ #facts;
  /** @type {readonly string[]} */ #lines = [];
  #marks = "";

  /**
   * @param {HTMLOListElement} list
   * @param {HTMLElement} facts
   */
  constructor(list, facts) {
    this.#list = list;
    this.#facts = facts;
  }

  /** @param {URL} file */
  async load(file) {
    const response = await fetch(file);
    if (!response.ok) {
      this.#facts.textContent = `It could not be read (${response.status}). Reload to try again.`;
      return;
    }
    this.#lines = (await response.text()).trimEnd().split("\n");
    this.#facts.textContent = `${this.#lines.length} lines, no library`;
    this.#list.replaceChildren(...this.#lines.map(sourceLine));
    this.highlight(this.#marks);
  }

  /** @param {string} marks as `markedLines` takes them */
  highlight(marks) {
    this.#marks = marks;
    if (this.#lines.length === 0) return;
    const marked = markedLines(this.#lines, marks);
    this.#list.classList.toggle("has-marks", marked.size > 0);
    [...this.#list.children].forEach((line, index) => line.classList.toggle("marked", marked.has(index)));
    const [first] = this.#list.getElementsByClassName("marked");
    // The list scrolls by itself: scrollIntoView would also move the page under the reader.
    if (first instanceof HTMLElement) {
      this.#list.scrollTo({ top: first.offsetTop - this.#list.offsetTop - 40, behavior: "smooth" });
    }
  }
}

/** @param {string} text */
function sourceLine(text) {
  const code = make("code", "", text || " ");
  code.style.setProperty("--indent", `${text.length - text.trimStart().length}ch`);
  const line = make("li");
  line.append(code);
  return line;
}
