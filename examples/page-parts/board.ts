import { element } from "./page.ts";
import { whoIs } from "./who.ts";

/** Somebody and what it has. */
export interface Standing {
  readonly id: string;
  readonly score: number;
}

/** Shows in the list `#scores` who has most, `rows` of them. Oneself, `me`, is always on it. */
export function showBoard(standings: Iterable<Standing>, me: string | null, rows = 8): void {
  const best = [...standings].sort((a, b) => b.score - a.score);
  const own = best.find(({ id }) => id === me);
  const shown = best.slice(0, rows);
  if (own !== undefined && !shown.includes(own)) shown[rows - 1] = own;
  element("scores").replaceChildren(
    ...shown.map((each) => {
      const row = document.createElement("li");
      const { name, hue } = whoIs(each.id);
      row.style.setProperty("--hue", `${hue}`);
      row.classList.toggle("is-me", each === own);
      const points = Object.assign(document.createElement("b"), { textContent: each.score });
      row.append(`${best.indexOf(each) + 1}. ${each === own ? `${name} (you)` : name}`, points);
      return row;
    }),
  );
}
