import type { RefObject } from "preact";
import { MAX_NAME_CHARACTERS } from "../model/display-name.ts";

/** Where one writes the name that one goes by; what stands in it is read when its form is submitted. */
export function NameField(props: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly chosen: string | null;
}) {
  return (
    <input
      ref={props.field}
      name="name"
      defaultValue={props.chosen ?? ""}
      maxLength={MAX_NAME_CHARACTERS}
      placeholder="Guest"
      autocomplete="nickname"
      enterkeyhint="done"
      dir="auto"
    />
  );
}
