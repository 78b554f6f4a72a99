import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.ts";

/** A file of the page, as it is served below the base path. */
export interface ReleaseFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

const here = import.meta.dirname;
const ICONS = { any: ["icon-192.png", "icon-512.png"], maskable: ["icon-maskable-512.png"] } as const;

/** What makes the page a program of its own: its icons, and the manifest that names them. */
export async function installableFiles(): Promise<{
  readonly manifest: ReleaseFile;
  readonly icons: readonly ReleaseFile[];
}> {
  const icons = await Promise.all([...ICONS.any, ...ICONS.maskable].map(iconFile));
  const listed = [...ICONS.any, ...ICONS.maskable].map((name, index) => ({
    src: icons[index]?.name,
    sizes: name.includes("192") ? "192x192" : "512x512",
    type: "image/png",
    purpose: name.includes("maskable") ? "maskable" : "any",
  }));
  const manifest = {
    // No `id`: that is read against the origin, so two servers of one would be the same program. It is the start then.
    name: "Parlor",
    short_name: "Parlor",
    description: "A room to talk in. Nothing that is said in it gets lost.",
    // Relative to the manifest, which stands at the base path.
    start_url: "./",
    scope: "./",
    display: "standalone",
    background_color: "#f6f8f7",
    theme_color: "#0b6350",
    icons: listed,
  };
  const contents = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest: { name: "manifest.webmanifest", contents }, icons };
}

async function iconFile(name: string): Promise<ReleaseFile> {
  const contents = await readFile(join(here, "icons", name));
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();
  return { name: `assets/${name.replace(".png", `-${hash}.png`)}`, contents };
}

/**
 * The service worker of a release: it knows the release's files by their names, which hold their hashes, so
 * each release has another worker, and browsers see that there is a new one.
 *
 * @param script the script that the document names
 * @param document the page as it is served, but for the base path
 */
export async function releaseWorker(
  files: readonly string[],
  script: string,
  document: string,
): Promise<ReleaseFile> {
  const name = createHash("sha256").update(document).update(files.join("\n")).digest("hex").slice(0, 12);
  const { outputFiles } = await build({
    ...BUNDLE_OPTIONS,
    entryPoints: [join(here, "worker/service-worker.ts")],
    outdir: here,
    entryNames: "[name]",
    splitting: false,
    sourcemap: false,
    define: { RELEASE: JSON.stringify({ name, script, files }) },
  });
  const [worker] = outputFiles;
  if (worker === undefined) throw new Error("The build made no service worker.");
  return { name: basename(worker.path), contents: worker.contents };
}
