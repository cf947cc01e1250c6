// A .wasm file imported by a Worker is a compiled module.
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
