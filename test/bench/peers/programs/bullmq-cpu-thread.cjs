// BullMQ takes a module's default export as the processor of its sandbox.
const { burn } = require("../../work/burn.ts");

module.exports = async ({ data }) => {
  burn(data.iterations);
  return data.index;
};
