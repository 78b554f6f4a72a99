import { useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { ConnectionDot } from "./connection-dot.tsx";
import { CopyLink } from "./copy-link.tsx";
import { DoorIcon, Logo } from "./icons.tsx";
import { RoomDialog } from "./room-dialog.tsx";

export function Header({ model, room }: { readonly model: AppModel; readonly room: string }) {
  const [isChoosing, setChoosing] = useState(false);
  return (
    <header class="head">
      <div class="head-place">
        <span class="brand">
          <Logo />
          <span class="brand-name">Parlor</span>
        </span>
        <h1 class="room-name" title={room}>
          <bdi>{room}</bdi>
        </h1>
        <CopyLink key={room} address={model.roomAddress(room)} />
      </div>
      <div class="head-tools">
        <ConnectionDot model={model} />
        <button class="button" type="button" aria-haspopup="dialog" onClick={() => setChoosing(true)}>
          <DoorIcon />
          <span>Go to room</span>
        </button>
      </div>
      {isChoosing && <RoomDialog model={model} onClose={() => setChoosing(false)} />}
    </header>
  );
}
