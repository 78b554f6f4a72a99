import { useState } from "preact/hooks";
import type { AppModel } from "../model/app-model.ts";
import {
  isTime,
  keepNoticeSettings,
  readNoticeSettings,
  USUAL_QUIET,
  type NoticeSettings,
  type QuietHours,
} from "../model/notice-settings.ts";
import { playNotice } from "../model/notice-sound.ts";
import { noticesAllowed } from "../model/notices.ts";

/** What is to happen when somebody is mentioned while they look elsewhere. */
export function NoticesForm({ model }: { readonly model: AppModel }) {
  const [settings, setSettings] = useState(() => readNoticeSettings(model.texts));
  const [isRefused, setRefused] = useState(() => settings.isShown && noticesAllowed() !== "granted");
  const { isShown, isHeard, quiet } = settings;
  // What is kept is changed, not what was drawn: before that is drawn anew, or while the browser asks for leave,
  // something else may have been chosen.
  const change = (changed: Partial<NoticeSettings>): void => {
    const wanted = { ...readNoticeSettings(model.texts), ...changed };
    setSettings(wanted);
    keepNoticeSettings(model.texts, wanted);
  };
  const changeHours = (changed: Partial<QuietHours>): void =>
    change({ quiet: { ...(readNoticeSettings(model.texts).quiet ?? USUAL_QUIET), ...changed } });
  const show = async (isWanted: boolean): Promise<void> => {
    // Asked here and nowhere else, because somebody wants it.
    const answer = isWanted && noticesAllowed() === "default" ? await Notification.requestPermission() : null;
    const isAllowed = (answer ?? noticesAllowed()) === "granted";
    setRefused(isWanted && !isAllowed);
    change({ isShown: isWanted && isAllowed });
  };
  return (
    <section>
      <h3>When somebody mentions you while you look elsewhere</h3>
      {model.chosenName.value === null && (
        <p class="hint">Choose a name first: it is what others write behind the @.</p>
      )}
      <div class="choices">
        <Choice label="Show a notice on this device" isOn={isShown} onChange={(isOn) => void show(isOn)} />
        {isRefused && (
          <p class="care" role="alert">
            This browser does not let the page show notices. Its settings for this address say so.
          </p>
        )}
        <Choice
          label="Play a sound"
          isOn={isHeard}
          onChange={(isOn) => {
            change({ isHeard: isOn });
            if (isOn) playNotice();
          }}
        />
        <Choice
          label="Keep quiet at some hours"
          isOn={quiet !== null}
          onChange={(isOn) => change({ quiet: isOn ? USUAL_QUIET : null })}
        />
        {quiet !== null && (
          <p class="quiet-hours">
            <Hour label="From" time={quiet.from} onChange={(from) => changeHours({ from })} />
            <Hour label="to" time={quiet.to} onChange={(to) => changeHours({ to })} />
          </p>
        )}
      </div>
    </section>
  );
}

function Choice(props: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

function Hour(props: {
  readonly label: string;
  readonly time: string;
  readonly onChange: (time: string) => void;
}) {
  return (
    <label>
      {props.label}{" "}
      <input
        type="time"
        value={props.time}
        onChange={({ currentTarget: { value } }) => isTime(value) && props.onChange(value)}
      />
    </label>
  );
}
