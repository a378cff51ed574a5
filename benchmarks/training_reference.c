/* The demo's training loop in plain C: 2 -> 6 relu -> 2 linear -> 1 logit, batches of 32, RMSprop,
 * binary cross-entropy. It says what the processor can do where nothing stands between the
 * arithmetic and the metal; it knows no other network.
 *
 *   cc -O3 -march=native training_reference.c -lm -o training_reference
 *   ./training_reference FILE N_ROWS EPOCHS
 *
 * FILE holds float32: 35 parameters (weight, bias, layer by layer), x (N_ROWS, 2), y (N_ROWS).
 * Prints one line an epoch: milliseconds and mean loss. N_ROWS is a multiple of 32.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 32, INPUTS = 2, HIDDEN = 6, READOUT = 2, PARAMETERS = 35 };

typedef struct {
  float hidden[INPUTS][HIDDEN], hidden_bias[HIDDEN];
  float readout[HIDDEN][READOUT], readout_bias[READOUT];
  float output[READOUT], output_bias;
} Network;

static float sum(const float *a) {
  float total = 0;
  for (int b = 0; b < BATCH; b++) total += a[b];
  return total;
}

static float dot(const float *a, const float *c) {
  float total = 0;
  for (int b = 0; b < BATCH; b++) total += a[b] * c[b];
  return total;
}

/* Gradient of the mean loss; returns the summed loss. */
static float gradient(const Network *w, const float *x, const float *y, Network *g) {
  float in[INPUTS][BATCH], h[HIDDEN][BATCH], r[READOUT][BATCH], z[BATCH], loss[BATCH];
  float dz[BATCH], dr[READOUT][BATCH], dh[HIDDEN][BATCH];
  for (int i = 0; i < INPUTS; i++)
    for (int b = 0; b < BATCH; b++) in[i][b] = x[INPUTS * b + i];
  for (int j = 0; j < HIDDEN; j++)
    for (int b = 0; b < BATCH; b++)
      h[j][b] = fmaxf(
          0, in[0][b] * w->hidden[0][j] + in[1][b] * w->hidden[1][j] + w->hidden_bias[j]);
  for (int j = 0; j < READOUT; j++)
    for (int b = 0; b < BATCH; b++) {
      float a = w->readout_bias[j];
      for (int i = 0; i < HIDDEN; i++) a += h[i][b] * w->readout[i][j];
      r[j][b] = a;
    }
  for (int b = 0; b < BATCH; b++)
    z[b] = r[0][b] * w->output[0] + r[1][b] * w->output[1] + w->output_bias;
  for (int b = 0; b < BATCH; b++) {
    float e = expf(-fabsf(z[b]));
    loss[b] = fmaxf(z[b], 0) - z[b] * y[b] + log1pf(e);
    dz[b] = ((z[b] > 0 ? 1 : e) / (1 + e) - y[b]) / BATCH;
  }
  g->output_bias = sum(dz);
  for (int j = 0; j < READOUT; j++) {
    g->output[j] = dot(dz, r[j]);
    for (int b = 0; b < BATCH; b++) dr[j][b] = dz[b] * w->output[j];
    g->readout_bias[j] = sum(dr[j]);
  }
  for (int i = 0; i < HIDDEN; i++) {
    for (int j = 0; j < READOUT; j++) g->readout[i][j] = dot(dr[j], h[i]);
    for (int b = 0; b < BATCH; b++)
      dh[i][b] = h[i][b] > 0 ? dr[0][b] * w->readout[i][0] + dr[1][b] * w->readout[i][1] : 0;
    g->hidden_bias[i] = sum(dh[i]);
    for (int k = 0; k < INPUTS; k++) g->hidden[k][i] = dot(dh[i], in[k]);
  }
  return sum(loss);
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e3 * now.tv_sec + 1e-6 * now.tv_nsec;
}

int main(int n_arguments, char **arguments) {
  if (n_arguments != 4) return 2;
  size_t n = strtoul(arguments[2], 0, 10);
  int epochs = atoi(arguments[3]);
  union { Network network; float flat[PARAMETERS]; } weights, gradients;
  float square[PARAMETERS] = {0}, *x = malloc(8 * n), *y = malloc(4 * n);
  FILE *file = fopen(arguments[1], "rb");
  if (!file || !x || !y || fread(weights.flat, 4, PARAMETERS, file) != PARAMETERS ||
      fread(x, 4, 2 * n, file) != 2 * n || fread(y, 4, n, file) != n)
    return 1;
  for (int epoch = 0; epoch < epochs; epoch++) {
    double loss = 0, began = milliseconds();
    for (size_t at = 0; at + BATCH <= n; at += BATCH) {
      loss += gradient(&weights.network, x + INPUTS * at, y + at, &gradients.network);
      for (int i = 0; i < PARAMETERS; i++) {
        float g = gradients.flat[i];
        square[i] = 0.9f * square[i] + 0.1f * g * g;
        weights.flat[i] -= 0.001f * g / sqrtf(square[i] + 1e-7f);
      }
    }
    printf("%.4f %.6f\n", milliseconds() - began, loss / n);
  }
  return 0;
}
