import { KEYS } from "../model/key-words.ts";
import { Dialog } from "./dialog.tsx";

/** Everything that the keyboard does here. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      {KEYS.map(({ title, keys }) => (
        <section key={title} class="keys">
          <h3>{title}</h3>
          <dl>
            {keys.map(({ press, does }) => (
              <div key={does}>
                <dt>
                  {press.map((combination) => (
                    <span key={combination} class="keys-way">
                      {combination.split(" ").map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </span>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
