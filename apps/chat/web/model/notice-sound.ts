/** Two soft notes, one after the other: Hz, and when each begins and ends, in s. */
const NOTES = [
  { hertz: 659.26, from: 0, to: 0.35 },
  { hertz: 987.77, from: 0.11, to: 0.6 },
] as const;
const LOUDNESS = 0.08;

let context: AudioContext | null = null;

/**
 * Plays the sound of a notice. Browsers keep pages silent until somebody did something in them; then it is
 * not heard, and nothing else happens.
 */
export function playNotice(): void {
  context ??= new AudioContext();
  void context.resume();
  for (const { hertz, from, to } of NOTES) {
    const [begin, end] = [context.currentTime + from, context.currentTime + to];
    const tone = new OscillatorNode(context, { frequency: hertz });
    const loudness = new GainNode(context, { gain: 0 });
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, end);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin);
    tone.stop(end);
  }
}
