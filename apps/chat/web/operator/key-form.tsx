import { useEffect, useRef, useState } from "preact/hooks";

/** The door: asks for the key, and says in the server's words why it does not open. */
export function KeyForm(props: {
  readonly fault: string;
  readonly isBusy: boolean;
  readonly onKey: (key: string) => void;
}) {
  const { fault, isBusy, onKey } = props;
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <main class="door">
      <h1>Operator</h1>
      <p class="hint">
        For who runs this server. The key is what it was started with as <code>--operator-key</code>.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key !== "" && !isBusy) onKey(key);
        }}
      >
        <label class="field">
          Operator's key
          <input
            ref={field}
            type="password"
            name="operator-key"
            autocomplete="current-password"
            spellcheck={false}
            value={key}
            aria-describedby="door-fault"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <button class="button is-main" type="submit" disabled={isBusy}>
          Open
        </button>
      </form>
      <p class="fault" id="door-fault" role="alert">
        {fault}
      </p>
      <p class="hint">
        This tab keeps it until you leave; it goes to this server alone, and into no address.
      </p>
    </main>
  );
}
