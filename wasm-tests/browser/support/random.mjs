// Dice that fall the same way for the same seed, so that a case that failed can be had again.

export class Dice {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** At least 0 and less than 1: a counter, its bits mixed by multiplications. */
  #roll() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  }

  chance(probability) {
    return this.#roll() < probability;
  }

  /** A whole number from the least to the most, both included. */
  between(least, most) {
    return least + Math.floor(this.#roll() * (most - least + 1));
  }

  pick(list) {
    return list[this.between(0, list.length - 1)];
  }
}
