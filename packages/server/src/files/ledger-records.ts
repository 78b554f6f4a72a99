/** An upload as it begins. */
export interface BegunUpload {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
  /** The group of addresses that it comes from. */
  readonly address: string;
  readonly size: number;
  readonly atMs: number;
}

/** An upload as it stands. */
export interface Upload {
  readonly size: number;
  /** Bytes that are on the disk. */
  readonly received: number;
  readonly identity: string;
  readonly parts: readonly string[];
  /** What came of it; null while it goes on. */
  readonly file: FileLink | null;
}

/** What the server found a file to be. */
export interface UploadedFile {
  /** SHA-256 of its bytes, 64 characters of 0-9 and a-f. */
  readonly hash: string;
  readonly size: number;
  /** Media type, by its bytes. */
  readonly type: string;
  /** Of an image, in pixels as it is stored; null where it is none. */
  readonly width: number | null;
  readonly height: number | null;
}

/** A file as a room has it. */
export interface FileLink extends UploadedFile {
  readonly madeAt: number;
  /** A message that holds it can lie behind this offset only. */
  readonly behind: number;
}

/** That a message holds a file. */
export interface FileUse {
  readonly room: string;
  readonly hash: string;
  readonly message: number;
}

/** Bounds of what is uploaded; each is refused in words above it. */
export interface FileLimits {
  /** Bytes of one file. */
  readonly maxFileBytes: number;
  /** Bytes that one room holds; what is being uploaded counts with the size that was announced. */
  readonly maxRoomBytes: number;
  /** Bytes that one identity has uploaded and that are still there. */
  readonly maxIdentityBytes: number;
  /** Bytes that one address has uploaded, or announced, and that no message holds so far: they may wait for a day. */
  readonly maxWaitingBytes: number;
  /** Bytes in all. */
  readonly maxTotalBytes: number;
  /** Bytes that one address has announced and not brought yet: they are held free for it. */
  readonly maxAnnouncedBytes: number;
  /** Uploads of one identity, and of one address, that have not come to their end. */
  readonly maxUploadsPerIdentity: number;
  readonly maxUploadsPerAddress: number;
  /**
   * Requests, or cuts of them, that one upload may take beside one for each 64 KiB. What comes with each is a part,
   * which takes a file whatever it holds: who brought a byte at a time would take four kibibytes for each.
   */
  readonly maxCuts: number;
}
