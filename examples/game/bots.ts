import type { Gem, Input, Player, World } from "./world.ts";

/** Where a bot steers: to the gem that is nearest, each with a bent of its own so that they do not flock. */
export function botInput(world: World, bot: Player): Input {
  let best: Gem | undefined;
  let bestDistance = Infinity;
  world.gems.forEach((gem, index) => {
    // A few gems count as further away, others for each bot.
    const bias = ((index * 7 + bot.slot * 13) % 5) * 130;
    const distance = Math.hypot(gem.x - bot.x, gem.y - bot.y) + bias;
    if (distance < bestDistance) [best, bestDistance] = [gem, distance];
  });
  if (best === undefined) return { x: 0, y: 0 };
  const dx = best.x - bot.x - bot.vx * 0.25;
  const dy = best.y - bot.y - bot.vy * 0.25;
  const length = Math.hypot(dx, dy) || 1;
  const strength = 0.6;
  return { x: (dx / length) * strength, y: (dy / length) * strength };
}

export function isBot(id: string): boolean {
  return id.startsWith("bot-");
}
