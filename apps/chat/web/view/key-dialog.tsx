import { useEffect, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { identityOfKey, type BroughtKey } from "../model/identity-key.ts";
import { becomeOwnerOf } from "../model/own-key.ts";
import { Author } from "./author.tsx";
import { Dialog } from "./dialog.tsx";

/** Whoever meant to be the same person here is not left to find out that they are not. */
export function BrokenKeyDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="This link brings no key" onClose={onClose}>
      <p>It was cut or changed on its way, so you stay who you are here.</p>
      <p class="hint">On the other device, copy the whole link again, or point a camera at its code.</p>
      <div class="dialog-buttons">
        <button class="button" type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

/**
 * Asks before this browser becomes somebody else. A link that was opened is not yet a wish: it may come from
 * a person who wants others to speak under a key that they know, too.
 */
export function KeyDialog(props: {
  readonly model: AppModel;
  readonly brought: BroughtKey;
  readonly onClose: () => void;
}) {
  const { model, brought, onClose } = props;
  const [identity, setIdentity] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    identityOfKey(brought.key).then(setIdentity, () => setIdentity(null));
  }, [brought]);
  const isSame = identity !== null && identity === model.self.value.identity;
  const become = (): void => {
    if (!becomeOwnerOf(brought, model))
      setFault("This browser keeps nothing for this page, and so no key either.");
  };
  return (
    <Dialog title={isSame ? "This is you already" : "Become somebody else here?"} onClose={onClose}>
      <div class="you-mark">
        <Author identity={identity} name={brought.name ?? model.name} isOwn={false} />
      </div>
      {isSame ? (
        <p>This browser has that key already. Nothing is to be done.</p>
      ) : (
        <>
          <p>
            This browser is going to speak with the key that the link brought. Go on only if it is your own:
            whoever gave it to you can speak under it as well.
          </p>
          <p class="hint">
            The key that it has now is forgotten. If you want to be that person again, copy its link before,
            under your name.
          </p>
          {model.holdsUnsent() && (
            <p class="care">Something that you wrote is not sent yet and would be lost.</p>
          )}
        </>
      )}
      <p class="fault" role="alert">
        {fault}
      </p>
      <div class="dialog-buttons">
        <button class="button" type="button" onClick={onClose}>
          {isSame ? "Close" : "Stay who I am"}
        </button>
        {!isSame && (
          <button class="button is-main" type="button" onClick={become}>
            Become this person
          </button>
        )}
      </div>
    </Dialog>
  );
}
