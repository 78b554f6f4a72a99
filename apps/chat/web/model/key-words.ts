/** One thing that keys do, for those who read the list of them. */
export interface KeyWords {
  /** Combinations that do the same, the keys of each apart by spaces. */
  readonly press: readonly string[];
  readonly does: string;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly KeyWords[];
}

/** All keys of the page. What is not here does what it does everywhere. */
export const KEYS: readonly KeyGroup[] = [
  {
    title: "Anywhere",
    keys: [
      { press: ["?", "Ctrl /"], does: "These keys" },
      { press: ["F6", "Shift F6"], does: "Next part of the page, or the one before" },
      { press: ["Ctrl K"], does: "Find a room, or go to one" },
      { press: ["/", "Ctrl Shift F"], does: "Find messages" },
      { press: ["Alt ↓", "Alt ↑"], does: "Next room, or the one before" },
      { press: ["Alt Shift ↓", "Alt Shift ↑"], does: "Next room with something unread" },
      { press: ["Escape"], does: "Close what is open, or back to writing" },
    ],
  },
  {
    title: "Writing",
    keys: [
      { press: ["Enter"], does: "Send" },
      { press: ["Shift Enter"], does: "New line" },
      { press: ["↑"], does: "Change your last message, from an empty field" },
      { press: ["@", ":"], does: "Complete a name, or an emoji: ↑ ↓ to choose, Tab or Enter to take" },
    ],
  },
  {
    title: "Messages",
    keys: [
      { press: ["Page Up", "Page Down"], does: "Scroll" },
      { press: ["↑", "↓"], does: "Message above or below" },
      { press: ["Home", "End"], does: "First message that is shown, or the newest" },
      { press: ["Tab"], does: "Through what is in the message that has the focus, and on" },
      { press: ["+"], does: "React to it" },
      { press: ["R"], does: "Reply to it" },
      { press: ["L"], does: "Copy its link" },
      { press: ["E"], does: "Change it, where it is yours" },
      { press: ["Delete"], does: "Delete it, where it is yours" },
      { press: ["!"], does: "Report it to the room's moderators" },
      { press: ["P", "M"], does: "Pin it, or moderate it, where you may" },
    ],
  },
];
