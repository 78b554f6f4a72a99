export { Playback, type PlaybackFigures, type PlaybackOptions, type PlayedBack } from "./playback.ts";
export { Prediction } from "./prediction.ts";
