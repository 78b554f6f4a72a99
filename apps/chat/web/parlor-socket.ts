/** What the tutorial's last step imports. */
export { ParlorSocket } from "@parlor/client/parlor-socket";
