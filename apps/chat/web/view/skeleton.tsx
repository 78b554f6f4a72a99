// Widths of the lines that stand for messages to come, in rem: uneven, as talk is.
const LINES = [
  [6, 18],
  [6, 11],
  [5, 24],
  [7, 9],
  [5, 15],
] as const;

/** The room before its first messages are here. It shows itself only where that takes a moment. */
export function Skeleton() {
  return (
    <div class="scroll skeleton" role="status">
      <div class="scroll-content">
        <span class="unseen">Opening the room…</span>
        {LINES.map(([name, text], index) => (
          <div key={index} class="message starts-group" aria-hidden="true">
            <div class="message-author">
              <span class="bone" style={{ inlineSize: `${name}rem` }} />
            </div>
            <div class="message-body">
              <span class="bone" style={{ inlineSize: `${text}rem` }} />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
