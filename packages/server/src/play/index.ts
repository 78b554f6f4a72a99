/** A world that the server moves tick by tick; the page's side is `@parlor/client/play`. */
export { type PlayOptions, startPlay } from "./play.ts";
export { type Seat, Seats, type SeatsOptions } from "./seats.ts";
