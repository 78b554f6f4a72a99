/** A choice among lengths of time; null is without an end. */
export function SpanChoice(props: {
  readonly label: string;
  readonly spans: readonly { readonly label: string; readonly ms: number | null }[];
  readonly index: number;
  readonly onIndex: (index: number) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        value={String(props.index)}
        onChange={(event) => props.onIndex(Number(event.currentTarget.value))}
      >
        {props.spans.map(({ label }, index) => (
          <option key={label} value={String(index)}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
