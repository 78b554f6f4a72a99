/** The shared worker that holds the connection of this browser's tabs. */
import "@parlor/client/tabs/worker";
