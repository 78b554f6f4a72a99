import { Icon } from "./icons.tsx";

export function SmileIcon() {
  return (
    <Icon>
      <path d="M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2zM5.5 9.5a2.8 2.8 0 0 0 5 0M6 6.5v.1M10 6.5v.1" />
    </Icon>
  );
}

export function ReplyIcon() {
  return (
    <Icon>
      <path d="M6.5 4L3 7.5 6.5 11M3.5 7.5H10a3 3 0 0 1 3 3V12" />
    </Icon>
  );
}

export function BinIcon() {
  return (
    <Icon>
      <path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5M7 7v4M9 7v4" />
    </Icon>
  );
}

export function PinIcon() {
  return (
    <Icon>
      <path d="M5.5 2.5h5M6.5 2.5v4L4 9.5h8L9.5 6.5v-4M8 9.5v4" />
    </Icon>
  );
}

export function FlagIcon() {
  return (
    <Icon>
      <path d="M4 14V2.5h8l-2 3 2 3H4" />
    </Icon>
  );
}

export function ShieldIcon() {
  return (
    <Icon>
      <path d="M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z" />
    </Icon>
  );
}
