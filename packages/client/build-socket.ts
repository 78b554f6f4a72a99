import { basename, extname, join } from "node:path";
import { buildSync } from "esbuild";
import { minify_sync } from "terser";
import names from "./member-names.json" with { type: "json" };

/** One file that was built: where it says that it stands, and what is in it. */
export interface BuiltFile {
  readonly path: string;
  readonly contents: string;
}

/**
 * Members of the client's own objects, which nobody outside meets: neither the platform, nor the wire, nor a page, be it
 * by an option or an event; and what the file calls them (name-members.ts). What is missing here is only longer; a test
 * holds that nothing is here which is met.
 */
export const MEMBER_NAMES: Readonly<Record<string, string>> = names;

/**
 * `ParlorSocket` with all that it needs as one file, for pages without a bundler, and its source map: a fault in a page
 * names the sources' lines and members, whatever the file calls them. It is minified a second time, since names that are
 * alike from function to function are shorter once they are gzipped.
 *
 * @param outfile Where the file says that it stands; nothing is written.
 * @param members What it calls the client's own members.
 */
export function buildSocket(outfile: string, members = MEMBER_NAMES): readonly BuiltFile[] {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "src/parlor-socket/index.ts")],
    outfile,
    bundle: true,
    minify: true,
    mangleProps: new RegExp(`^(?:${Object.keys(members).join("|")})$`),
    mangleCache: { ...members },
    sourcemap: "external",
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  const { code = "", map = "" } = minify_sync(textOf(extname(outfile)), {
    module: true,
    ecma: 2020,
    compress: { passes: 3, hoist_funs: true, unsafe_arrows: true },
    sourceMap: { content: textOf(".map"), url: `${basename(outfile)}.map` },
  });
  return [
    { path: outfile, contents: code },
    { path: `${outfile}.map`, contents: typeof map === "string" ? map : JSON.stringify(map) },
  ];
}
