import { useEffect, useState } from "preact/hooks";

type Code = { readonly size: number; readonly path: string } | "waiting" | "failed";

/** Modules of nothing around a code, which readers need to find it. */
const MARGIN = 3;

/** An address as a code for cameras: dark on white in every theme, since many readers want it so. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const [code, setCode] = useState<Code>("waiting");
  useEffect(() => {
    let isGone = false;
    const show = (drawn: Code): void => {
      if (!isGone) setCode(drawn);
    };
    drawCode(text).then(show, () => show("failed"));
    return () => {
      isGone = true;
    };
  }, [text]);
  if (code === "failed") return <p class="hint">The code can't be drawn just now. The link does the same.</p>;
  const size = code === "waiting" ? 1 : code.size + 2 * MARGIN;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      {code !== "waiting" && <path transform={`translate(${MARGIN} ${MARGIN})`} d={code.path} />}
    </svg>
  );
}

/** What makes codes is loaded by those who want one. */
async function drawCode(text: string): Promise<Code> {
  const { encode } = await import("uqr");
  const { size, data } = encode(text, { ecc: "M", border: 0 });
  const rows = data.map((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join(""));
  return { size, path: rows.join("") };
}
