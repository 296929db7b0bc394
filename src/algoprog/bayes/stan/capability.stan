// Scores of model versions on benchmarks, and capability against compute and date, in one model.
//
//   y_mb ~ beta with mean mu_mb and the variance of a beta-binomial share of items_mb,
//          mu (1 - mu) (rho_b + (1 - rho_b) / items_mb),  rho_b = 1 / (1 + phi_b)
//   mu   = guessing_b + (1 - guessing_b) inv_logit(alpha_b (C_m - D_b))
//   C_i  ~ normal(b + k x_f + g t_i + u_f + k_f (x_i - x_f), sigma),  versions with known compute
//   u_f  ~ normal(0, tau_b),  k_f ~ normal(k, tau_k)
//
// x is the logarithm of training compute and x_f its mean in family f. The benchmark with the most
// scores, the base, has alpha 1 and D 0 and fixes location and scale; logits of the anchor follow at
// the end. A family of one version has u_f and the error in one, so no parameter of its own.
// Capabilities of the other versions are normal about a common level.
//
// Early and late benchmarks are tied by few scores, so that C, D and ln alpha move together. What is
// sampled is z: (C, D, ln alpha) = centre + spread * z, which is near normal with unit variance.
data {
  int<lower=1> M; // versions
  int<lower=2> B; // benchmarks
  int<lower=1> P; // pairs
  array[P] int<lower=1, upper=M> version;
  array[P] int<lower=1, upper=B> benchmark;
  vector<lower=0, upper=1>[P] score; // inside (0, 1)
  vector<lower=0>[P] items;
  vector<lower=0, upper=1>[B] guessing;
  int<lower=1, upper=B> anchor;
  int<lower=1, upper=B> base;
  array[B - 1] int<lower=1, upper=B> other; // benchmarks but the base
  int<lower=1> K; // versions with known compute
  array[K] int<lower=1, upper=M> known;
  array[M - K] int<lower=1, upper=M> unknown;
  vector[K] x_family; // ln compute of the family, less the mean of all
  vector[K] x_within; // ln compute less that of the family
  vector[K] t; // years, less their mean
  int<lower=0> F; // families of several versions
  array[K] int<lower=0, upper=F> family; // 0 for a version by itself
  vector[M + 2 * (B - 1)] centre; // of C, D and ln alpha of the other benchmarks
  matrix[M + 2 * (B - 1), M + 2 * (B - 1)] spread;
  real gain_mean; // of ln k
  real<lower=0> gain_sd;
  real<lower=0> trend_sd; // of g
  real<lower=0> level_sd; // of levels of capability and difficulty
  real<lower=0> spread_sd; // of every standard deviation, half-normal
  real precision_mean; // of ln phi
  real<lower=0> precision_sd;
}
parameters {
  vector[M + 2 * (B - 1)] z;
  real difficulty_level;
  real slope_level;
  vector[B] log_precision;
  real<lower=0> slope_spread;
  real precision_level;
  real<lower=0> precision_spread;
  real<lower=0> difficulty_spread;
  real unknown_level;
  real<lower=0> unknown_spread;
  real b;
  real log_k;
  real g;
  real<lower=0> sigma;
  real<lower=0> tau_b;
  real<lower=0> tau_k;
  vector[F] level_z;
  vector[F] gain_z;
}
transformed parameters {
  real k = exp(log_k);
  vector[M] C;
  vector[B - 1] log_slope; // of the other benchmarks
  vector[B] D = rep_vector(0, B);
  vector[B] alpha = rep_vector(1, B);
  {
    vector[M + 2 * (B - 1)] q = centre + spread * z;
    C = q[1 : M];
    D[other] = q[M + 1 : M + B - 1];
    log_slope = q[M + B : M + 2 * (B - 1)];
  }
  alpha[other] = exp(log_slope);
}
model {
  vector[K] at;
  vector[K] sd;
  for (i in 1 : K) {
    at[i] = b + k * x_family[i] + g * t[i];
    if (family[i] > 0) {
      at[i] += tau_b * level_z[family[i]] + (k + tau_k * gain_z[family[i]]) * x_within[i];
      sd[i] = sigma;
    } else {
      sd[i] = sqrt(square(sigma) + square(tau_b));
    }
  }
  C[known] ~ normal(at, sd);
  C[unknown] ~ normal(unknown_level, unknown_spread);
  D ~ normal(difficulty_level, difficulty_spread);
  log_slope ~ normal(slope_level, slope_spread);
  0 ~ normal(slope_level, slope_spread); // the base's
  difficulty_level ~ normal(0, level_sd);
  slope_level ~ normal(0, spread_sd);
  log_precision ~ normal(precision_level, precision_spread);

  {
    vector[P] solved = inv_logit(alpha[benchmark] .* (C[version] - D[benchmark]));
    // away from 0 and 1 by a rounding that no score can show
    vector[P] mu = guessing[benchmark]
                   + (1 - guessing[benchmark]) .* (1e-9 + (1 - 2e-9) * solved);
    vector[B] rho = inv_logit(-log_precision);
    vector[P] phi = inv(rho[benchmark] + (1 - rho[benchmark]) ./ items) - 1;
    score ~ beta(mu .* phi, (1 - mu) .* phi);
  }

  level_z ~ std_normal();
  gain_z ~ std_normal();
  log_k ~ normal(gain_mean, gain_sd);
  g ~ normal(0, trend_sd);
  b ~ normal(0, level_sd);
  unknown_level ~ normal(0, level_sd);
  precision_level ~ normal(precision_mean, precision_sd);
  sigma ~ normal(0, spread_sd);
  tau_b ~ normal(0, spread_sd);
  tau_k ~ normal(0, spread_sd);
  difficulty_spread ~ normal(0, spread_sd);
  unknown_spread ~ normal(0, spread_sd);
  slope_spread ~ normal(0, spread_sd);
  precision_spread ~ normal(0, spread_sd);
}
generated quantities {
  real growth = g / k; // of compute efficiency, per year
  // in logits of the anchor
  real anchor_k = alpha[anchor] * k;
  real anchor_g = alpha[anchor] * g;
  real anchor_sigma = alpha[anchor] * sigma;
  real anchor_tau_b = alpha[anchor] * tau_b;
  real anchor_tau_k = alpha[anchor] * tau_k;
}
