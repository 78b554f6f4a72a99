import type { ParlorClient } from "@parlor/client";

/** Where this page's Parlor is, as its server wrote into the page. */
export const PARLOR = new URL(
  document.querySelector<HTMLMetaElement>("meta[name=parlor-base]")?.content ?? "/",
  location.origin,
);

/** An element that the page's document has. */
export function element<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}

/** Says in `#link` that the connection is gone, for as long as it is. */
export function showLink(client: ParlorClient, what: string): void {
  client.on("state", ({ kind }) => {
    element("link").textContent = kind === "open" ? "" : `Reconnecting… ${what}`;
  });
}

/** Writes figures, each into the element of its id. */
export function tell(figures: Readonly<Record<string, string>>): void {
  for (const [id, text] of Object.entries(figures)) element(id).textContent = text;
}

/** A pen for a canvas as large and as fine as it is shown now; what was drawn before is gone. In CSS pixels. */
export function freshPen(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) =>
    Math.round(size * devicePixelRatio),
  ) as [number, number];
  // Setting a size costs something even where it is the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return pen;
}

/** The way around a circle, to fill or to stroke. */
export function circle(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}
