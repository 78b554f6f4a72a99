/** Where, in the log's folder, named readers keep their files. */
export const READERS_FOLDER = "readers";
