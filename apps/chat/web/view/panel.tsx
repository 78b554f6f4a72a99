import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CloseIcon } from "./icons.tsx";

interface Props {
  readonly label: string;
  readonly side: "start" | "end";
  /** Beside the talk, where there is room for it; or else a drawer over it, while `isOpen`. */
  readonly isBeside: boolean;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** What stands beside the talk on a desk, and slides over it on a phone. */
export function Panel(props: Props) {
  const { label, side, isBeside, isOpen, children } = props;
  if (!isBeside) return isOpen ? <Drawer {...props} /> : null;
  return side === "start" ? (
    <nav class="panel is-start" aria-label={label} data-region tabIndex={-1}>
      {children}
    </nav>
  ) : (
    <aside class="panel is-end" aria-label={label} data-region tabIndex={-1}>
      {children}
    </aside>
  );
}

function Drawer({ label, side, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // On a phone the focus would raise the keyboard over the list that somebody came for.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) shown?.querySelector("input")?.focus();
    // Also one that goes by itself gives the focus back to what opened it.
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`panel drawer is-${side}`}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <button class="button is-bare drawer-close" type="button" onClick={() => dialog.current?.close()}>
        <CloseIcon />
        <span class="unseen">Close</span>
      </button>
      {children}
    </dialog>
  );
}
