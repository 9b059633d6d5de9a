/** Ajv, for loading by need: a dynamic import of a CommonJS package loses its names in a bundle. */
export { Ajv2020 } from 'ajv/dist/2020.js';
