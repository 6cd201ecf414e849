// NumPy's default_rng(seed).random(), bit for bit: its SeedSequence and PCG64.
// Source: O'Neill (2014), PCG, https://www.pcg-random.org; NumPy's numpy/random/bit_generator.pyx.

const WORD = (1n << 64n) - 1n, STATE = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

// Eight words of 32 bits that depend on every bit of the seed.
function words(seed) {
  const mixer = (constant, factor) => (value) => {
    value ^= constant;
    constant = Math.imul(constant, factor);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const hash = mixer(0x43b0d7e5, 0x931e8875);
  const mix = (x, y) => {
    const value = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
    return value ^ (value >>> 16);
  };
  const pool = [0, 1, 2, 3].map((k) => hash(k ? 0 : seed));
  for (const from of pool.keys()) {
    for (const to of pool.keys()) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  const draw = mixer(0x8b51f9dd, 0x58f38ded);
  return [...pool, ...pool].map((value) => BigInt(draw(value) >>> 0));
}

// A function that gives numbers from 0 to below 1, or from `low` to below `high`; the seed is a whole
// number of at most 32 bits.
export function generator(seed) {
  const w = words(seed);
  const long = (k) => (((w[k + 1] << 32n) | w[k]) << 64n) | (w[k + 3] << 32n) | w[k + 2];
  const increment = ((long(4) << 1n) | 1n) & STATE;
  let state = (((increment + long(0)) & STATE) * MULTIPLIER + increment) & STATE;
  return (low = 0, high = 1) => {
    state = (state * MULTIPLIER + increment) & STATE;
    const mixed = ((state >> 64n) ^ state) & WORD, turn = state >> 122n;
    const bits = ((mixed >> turn) | (mixed << (64n - turn))) & WORD;
    return low + (high - low) * Number(bits >> 11n) * 2 ** -53;
  };
}
