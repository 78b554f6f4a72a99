import { useState } from "preact/hooks";
import { download } from "./download.ts";
import type { OperatorApi } from "./operator-api.ts";

/** Has the browser save what is stored, as lines of JSON. */
export function ExportButton(props: {
  readonly api: OperatorApi;
  readonly name: "export" | "export-identity";
  readonly params: Readonly<Record<string, string>>;
}) {
  const { api, name, params } = props;
  const [words, setWords] = useState("");
  const go = (): void => {
    setWords("");
    download(api, name, params).then(
      () => setWords("Your browser saves it."),
      (error: unknown) => setWords(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <span class="export">
      <button class="button" type="button" onClick={go}>
        Export
      </button>
      <span class="hint" role="status">
        {words}
      </span>
    </span>
  );
}
