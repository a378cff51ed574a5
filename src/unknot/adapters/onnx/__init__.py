"""The adapter of ONNX."""
