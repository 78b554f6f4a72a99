import { join } from "node:path";
import { buildSync, type OutputFile } from "esbuild";

/**
 * Members of the client's own objects, which nobody outside meets: neither the platform, nor the wire, nor a page, be it
 * by an option or an event. What is missing here is only longer; a test holds that nothing is here which is met.
 */
export const OWN_MEMBERS = `
  afterMs answered ask asks asked away baseMs begin better breakOff broke changed connection contend core cursor
  cursors delayMs distrust earlier effects ended extras fail failed failure farewell fault forMs found frames
  freshToken handlers headStartMs hold inFlight inputs isAsked isBusy isDistrusted isDown isEarly isHeld isInFlight
  isLinked isOld isReleased isStream isThorough isUncertain isWelcomed items kind kinds late link listener lose losses
  maxBytes maxCount maxFrameChars maxMs means nextQuery notice nowMs onEarly onEnd onLife onText opened opening outcome
  over patienceMs phase position prepare pump question reconnect refusal refuse release renew runner sentAs sentBehind
  settle stalled startedAtMs step take tell ticket timer trust turn unknownType unlink untilMs wallMs want wanted
  welcomed won`
  .trim()
  .split(/\s+/);

/**
 * `ParlorSocket` with all that it needs as one file, for pages without a bundler, and its source map: a fault in a page
 * names the sources' lines and members, whatever the file calls them.
 *
 * @param outfile Where the file says that it stands; nothing is written.
 */
export function buildSocket(outfile: string): readonly OutputFile[] {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "src/parlor-socket/index.ts")],
    outfile,
    bundle: true,
    minify: true,
    mangleProps: new RegExp(`^(?:${OWN_MEMBERS.join("|")})$`),
    sourcemap: true,
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  return outputFiles;
}
