/** Shows one step of the lesson at a time; the address names it, so that Back and links work. */
export class StepView {
  /** @type {readonly HTMLElement[]} */ #steps;
  /** @type {readonly HTMLAnchorElement[]} */ #links;
  /** @type {HTMLElement} */ #lesson;
  /** @type {(marks: string, id: string) => void} */ #onStep;

  /**
   * @param {HTMLElement} lesson
   * @param {(marks: string, id: string) => void} onStep given what the step marks in the code, and which it is
   */
  constructor(lesson, onStep) {
    this.#lesson = lesson;
    this.#steps = [...lesson.querySelectorAll("section")];
    this.#links = [...lesson.querySelectorAll(".steps a")].filter((a) => a instanceof HTMLAnchorElement);
    this.#onStep = onStep;
    window.addEventListener("hashchange", () => {
      const step = this.showFromAddress();
      this.#lesson.scrollTop = 0;
      // For whoever listens rather than looks: the new step is where the focus is.
      const heading = step.querySelector("h2");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
    });
  }

  /** @returns {HTMLElement} the step shown */
  showFromAddress() {
    const named = this.#steps.findIndex((step) => `#${step.id}` === location.hash);
    const index = Math.max(0, named);
    this.#steps.forEach((step, at) => (step.hidden = at !== index));
    this.#links.forEach((link, at) => {
      if (at === index) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    this.#turn("previous", this.#steps[index - 1]);
    this.#turn("next", this.#steps[index + 1]);
    const step = this.#steps[index];
    if (step === undefined) throw new TypeError("the lesson has no steps");
    this.#onStep(step.dataset["code"] ?? "", step.id);
    return step;
  }

  /**
   * @param {"previous" | "next"} id
   * @param {HTMLElement | undefined} step
   */
  #turn(id, step) {
    const link = this.#lesson.querySelector(`#${id}`);
    if (!(link instanceof HTMLAnchorElement)) return;
    link.hidden = step === undefined;
    if (step === undefined) return;
    link.href = `#${step.id}`;
    link.textContent = step.querySelector("h2")?.textContent ?? "";
  }
}
