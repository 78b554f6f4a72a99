import { useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import { useMedia } from "./use-media.ts";

/** What stands beside the talk and what lies over it, by the room that there is and what was asked for. */
export interface Layout {
  readonly isRoomsBeside: boolean;
  readonly isPeopleBeside: boolean;
  readonly isRoomsOpen: boolean;
  readonly isPeopleOpen: boolean;
  open(drawer: "rooms"): void;
  closeDrawers(): void;
  togglePeople(): void;
}

const PEOPLE_KEY = "parlor.people";

export function useLayout(model: AppModel): Layout {
  const isRoomsBeside = useMedia("(width >= 60rem)");
  const isPeopleBeside = useMedia("(width >= 76rem)");
  const [drawer, setDrawer] = useState<"rooms" | "people" | null>(null);
  const [isShown, setShown] = useState(() => model.texts.read(PEOPLE_KEY) !== "hidden");
  return {
    isRoomsBeside,
    isPeopleBeside,
    isRoomsOpen: isRoomsBeside || drawer === "rooms",
    isPeopleOpen: isPeopleBeside ? isShown : drawer === "people",
    open: setDrawer,
    closeDrawers: () => setDrawer(null),
    togglePeople: () => {
      if (!isPeopleBeside) return setDrawer(drawer === "people" ? null : "people");
      model.texts.keep(PEOPLE_KEY, isShown ? "hidden" : "");
      setShown(!isShown);
    },
  };
}
