/**
 * What a client needs once it asks for more than to hear: sending publishes, and pages of history. It is loaded on
 * demand (upward-part.ts), and imports nothing that the client has already (see requests.ts).
 */
export { HistoryRequests } from "./history-requests.ts";
export { senderOf } from "./sender.ts";
