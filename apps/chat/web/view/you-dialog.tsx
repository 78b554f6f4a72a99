import { useRef, useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { keyInText, ownKeyAddress } from "../model/own-key.ts";
import { Author } from "./author.tsx";
import { CopyLink } from "./copy-link.tsx";
import { Dialog } from "./dialog.tsx";
import { NameField } from "./name-field.tsx";
import { NoticesForm } from "./notices-form.tsx";
import { QrCode } from "./qr-code.tsx";

/** One's name, what one is told apart by, and the ways to be the same person elsewhere. */
export function YouDialog({ model, onClose }: { readonly model: AppModel; readonly onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const save = (event: Event): void => {
    event.preventDefault();
    model.chooseName(field.current?.value ?? "");
    // At once: what is typed next is not meant for it.
    field.current?.closest("dialog")?.close();
  };
  return (
    <Dialog title="You" onClose={onClose}>
      <form class="you-form" onSubmit={save}>
        <label class="field">
          <span>Your name</span>
          <NameField field={field} chosen={model.chosenName.value} />
        </label>
        <button class="button is-main" type="submit">
          Save
        </button>
      </form>
      <div class="you-mark">
        <Author identity={model.self.value.identity} name={model.name} isOwn={false} />
        <p class="hint">
          Colour, seal and tag come from a secret key that this browser keeps. Anybody may take your name;
          nobody can take your tag.
        </p>
      </div>
      <NoticesForm model={model} />
      <ElsewhereToo model={model} />
      <FromElsewhere model={model} />
    </Dialog>
  );
}

/** The key as a link and as a code, shown only once it is asked for: somebody may look over a shoulder. */
function ElsewhereToo({ model }: { readonly model: AppModel }) {
  const [isShown, setShown] = useState(false);
  const address = ownKeyAddress(model);
  return (
    <section>
      <h3>The same person on another device</h3>
      {address === null ? (
        <p class="hint">
          This browser keeps nothing for this page, so you are somebody else at every visit. Let it keep the
          page's data to stay the same.
        </p>
      ) : !isShown ? (
        <button class="button" type="button" onClick={() => setShown(true)}>
          Show the link and its code
        </button>
      ) : (
        <div class="key-shown" tabIndex={-1} ref={focusShown}>
          <QrCode text={address} label="Your key as a code for a camera" />
          <div class="key-words">
            <p class="care">Whoever has this can speak as you. Give it to your own devices only.</p>
            <p class="hint">Point the other device's camera at the code, or open the link there.</p>
            {isLoopback(address) && (
              <p class="hint">
                This page is open at {new URL(address).host}, which other devices can't reach: open it here by
                the address that they use, too.
              </p>
            )}
            <CopyLink address={address} what="be you elsewhere" isWide failure="It can't be copied here" />
          </div>
        </div>
      )}
    </section>
  );
}

/** The button that showed it is gone, and the focus was there. */
function focusShown(shown: HTMLElement | null): void {
  shown?.focus();
}

/** Takes over the key of another device. */
function FromElsewhere({ model }: { readonly model: AppModel }) {
  const field = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  const take = (event: Event): void => {
    event.preventDefault();
    const brought = keyInText(field.current?.value ?? "");
    if (brought === null) setFault("This is neither such a link nor a key.");
    else model.offerKey(brought);
  };
  return (
    <section>
      <h3>Who you are on another device, here</h3>
      <form class="you-form" onSubmit={take}>
        <label class="field">
          <span>Link or key from there</span>
          <input
            ref={field}
            name="key"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-describedby="key-fault"
            aria-invalid={fault !== null}
            onInput={() => setFault(null)}
          />
        </label>
        <button class="button" type="submit">
          Go on
        </button>
      </form>
      <p id="key-fault" class="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

function isLoopback(address: string): boolean {
  return /^(localhost|127\.|\[::1\])/.test(new URL(address).hostname);
}
