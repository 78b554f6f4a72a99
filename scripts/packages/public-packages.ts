import { buildSocket, type BuiltFile } from "@parlor/client/build-socket";

/** A file of a package that is bundled for who has no bundler. */
export interface BundledFile {
  /** How it is imported. */
  readonly name: string;
  /** Below the package, without their ends: the file, and the declarations of what it exports. */
  readonly file: string;
  readonly types: string;
  /** Gives it, and its source map. */
  build(outfile: string): readonly BuiltFile[];
}

/** One package as it is published. */
export interface PublicPackage {
  /** Below the root of the repository. */
  readonly folder: string;
  /** Folders and files of it that are published, tests left out: TypeScript compiled, the rest as it is. */
  readonly contents: readonly string[];
  /** Whether what was in `src` is in `dist`; else everything stays where it is. */
  readonly isLibrary: boolean;
  /** The oldest Node that it runs on; browsers are not asked. */
  readonly node: string;
  /** Development tools of the root that it needs where it is installed. */
  readonly tools?: readonly string[];
  readonly bundled?: BundledFile;
}

/** What was tried: everything but the log on the disk runs there, by `import` and by `require`. */
const NODE = ">=22.18";
/** The log on the disk refuses the SQLite of Node 22.18, which can corrupt a file. */
const NODE_WITH_SQLITE = ">=24";

/** What is published, from the bottom up. What is not on the list stays private. */
export const PUBLIC_PACKAGES: readonly PublicPackage[] = [
  library("packages/base"),
  library("packages/protocol"),
  library("packages/contract"),
  library("packages/msgpack"),
  library("packages/log", { node: NODE_WITH_SQLITE }),
  library("packages/nats", { node: NODE_WITH_SQLITE }),
  library("packages/server"),
  library("packages/moderation"),
  library("packages/client", {
    bundled: {
      name: "./socket",
      file: "dist/socket",
      types: "dist/parlor-socket/index",
      build: buildSocket,
    },
  }),
  library("packages/testkit", { node: NODE_WITH_SQLITE, beside: ["programs.json"], tools: ["fast-check"] }),
  {
    folder: "examples/game",
    contents: ["arena.ts", "bots.ts", "frame.ts", "world.ts"],
    isLibrary: true,
    node: NODE,
  },
  {
    folder: "examples/stock-ticker",
    contents: ["feed.ts", "market.ts", "price.ts"],
    isLibrary: true,
    node: NODE,
  },
  { folder: "examples/tutorial", contents: ["pages"], isLibrary: false, node: NODE },
  {
    folder: "apps/chat",
    contents: ["server", "web/dist", "web/style", "web/model"],
    isLibrary: false,
    node: NODE_WITH_SQLITE,
  },
];

/** What is bundled into the pages of a published package, so that who installs that needs it from nowhere. */
export const BUNDLED_PACKAGES: ReadonlySet<string> = new Set(["@parlor/page-parts"]);

interface LibraryMore {
  readonly node?: string;
  /** Files beside `src` that are published, too. */
  readonly beside?: readonly string[];
  readonly tools?: readonly string[];
  readonly bundled?: BundledFile;
}

function library(folder: string, more: LibraryMore = {}): PublicPackage {
  const { node = NODE, beside = [], ...others } = more;
  return { folder, contents: ["src", ...beside], isLibrary: true, node, ...others };
}
