import type { AppModel } from "../model/app-model.ts";
import { Author } from "./author.tsx";
import { GearIcon } from "./icons.tsx";

/** Who one is on this page, and the way to change it. */
export function You({ model }: { readonly model: AppModel }) {
  return (
    <button
      class="you"
      type="button"
      aria-haspopup="dialog"
      onClick={() => model.openDialog({ kind: "you" })}
    >
      <Author identity={model.self.value.identity} name={model.name} isOwn={false} />
      <GearIcon />
      <span class="unseen">, your name and key</span>
    </button>
  );
}
