import { useMemo } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import type { RoomModel } from "../model/room-model.ts";
import type { RowBlock } from "../model/row-blocks.ts";
import { insertOnly } from "./insert-only.ts";
import { MessageView } from "./message.tsx";

/** Messages that stand together: where none of them changed, none is looked at. */
export function MessageBlock(props: {
  readonly block: RowBlock;
  readonly room: RoomModel;
  readonly model: AppModel;
}) {
  const { block, room, model } = props;
  return useMemo(
    () => (
      <div ref={insertOnly} class="block">
        {block.rows.map((row) => (
          <MessageView key={row.key} row={row} room={room} model={model} />
        ))}
      </div>
    ),
    [block, room, model],
  );
}
