/** Re-exports Ajv for a dynamic import: a bundle loses the names of a dynamically imported CommonJS package. */
export { Ajv2020 } from 'ajv/dist/2020.js';
