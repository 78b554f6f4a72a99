import type { ComponentChildren } from "preact";

/** Line drawings on a grid of 16, in the colour of their text. */
export function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {children}
    </svg>
  );
}

export function LinkIcon() {
  return (
    <Icon>
      <path d="M6.5 9.5l3-3M7.5 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1" />
    </Icon>
  );
}

export function DoneIcon() {
  return (
    <Icon>
      <path d="M3 8.5l3.2 3.2L13 5" />
    </Icon>
  );
}

export function DoorIcon() {
  return (
    <Icon>
      <path d="M9.5 2.5h3v11h-3M2.5 8h7M6.5 5l3 3-3 3" />
    </Icon>
  );
}

export function SendIcon() {
  return (
    <Icon>
      <path d="M8 13V3.5M3.8 7.5L8 3.3l4.2 4.2" />
    </Icon>
  );
}

export function DownIcon() {
  return (
    <Icon>
      <path d="M8 3v9.5M3.8 8.5L8 12.7l4.2-4.2" />
    </Icon>
  );
}

export function WaitingIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="5.5" stroke-dasharray="2.2 2.1" />
      <path d="M8 5.2V8l2 1.4" />
    </Icon>
  );
}

export function PencilIcon() {
  return (
    <Icon>
      <path d="M3 13l.7-2.9L10.6 3.2l2.2 2.2-6.9 6.9zM9.2 4.6l2.2 2.2" />
    </Icon>
  );
}

export function MenuIcon() {
  return (
    <Icon>
      <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h7" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="M4 4l8 8M12 4l-8 8" />
    </Icon>
  );
}

export function SearchIcon() {
  return (
    <Icon>
      <circle cx="7" cy="7" r="4.2" />
      <path d="M10.2 10.2l3.3 3.3" />
    </Icon>
  );
}

export function PeopleIcon() {
  return (
    <Icon>
      <circle cx="6" cy="5.2" r="2.4" />
      <path d="M1.8 13c.3-2.6 2-4 4.2-4s3.9 1.4 4.2 4M10.6 3a2.3 2.3 0 0 1 0 4.4M12 9.4c1.3.5 2.1 1.7 2.3 3.6" />
    </Icon>
  );
}

export function HelpIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.2 6.4a1.9 1.9 0 1 1 2.6 1.8c-.6.2-.8.6-.8 1.2M8 11.4v.1" />
    </Icon>
  );
}

export function GearIcon() {
  return (
    <Icon>
      <path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 3v3M5.7 10v3" />
    </Icon>
  );
}

/** The sign of the house: a bubble that is also a P. The file for browsers' tabs is favicon.svg. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path d="M7 4h10.5a8.5 8.5 0 0 1 0 17H13l-6 7zM13 10v5h4.5a2.5 2.5 0 0 0 0-5z" fill-rule="evenodd" />
    </svg>
  );
}
