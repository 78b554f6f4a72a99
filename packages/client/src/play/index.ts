export { placesBetween } from "./between.ts";
export { OwnPlayer, type OwnPlayerOptions, type Place } from "./own-player.ts";
export { Playback, type PlaybackFigures, type PlaybackOptions, type PlayedBack } from "./playback.ts";
export { Prediction } from "./prediction.ts";
