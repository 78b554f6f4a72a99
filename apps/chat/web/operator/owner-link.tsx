import { useState } from "preact/hooks";
import type { OperatorApi } from "./operator-api.ts";

/** Makes a link that gives the room an owner: by it all else is done in the room itself. */
export function OwnerLink(props: {
  readonly api: OperatorApi;
  readonly room: string;
  readonly chatUrl: string;
}) {
  const { api, room, chatUrl } = props;
  const [link, setLink] = useState("");
  const [fault, setFault] = useState("");
  const make = (): void => {
    const act = { kind: "link", right: "owner", forMs: null, label: "made by the operator" };
    api.post<{ link?: { token: string } }>("act", { room, act }).then(
      (done) => setLink(`${new URL(chatUrl, location.href).href}#link=${done.link?.token ?? ""}`),
      (error: unknown) => setFault(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <>
      <button class="button" type="button" onClick={make}>
        Owner link
      </button>
      {fault !== "" && (
        <span class="fault" role="alert">
          {fault}
        </span>
      )}
      {link !== "" && (
        <label class="field">
          Whoever opens it owns the room; hand it out with care
          <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        </label>
      )}
    </>
  );
}
