// Loss as linear terms plus a sum of exponentials of linear predictors, with paper effects.
//
//   y_i ~ Student-t(nu, mu_i + tau * a_paper(i), sigma_benchmark(i)),   a_p ~ normal(0, 1)
//   mu  = s * sum_k exp(X_k theta) + Z theta,   s = sigma(theta_g)^T or 1
//
// The design comes as data, so one compiled program fits every variant. Priors are normal, on
// quantities u that a variant's parameters stand for (levels, splits, logarithms of elasticities,
// rates); from u follow q = M theta + held and theta. What is sampled is z: x = centre + spread * z
// has sums over exponentials in place of their parts, which makes it near normal, and u follows
// from x by maps of determinant one. See algoprog.bayes.priors.
data {
  int<lower=1> n; // rows
  int<lower=1> n_papers;
  int<lower=1> n_benchmarks;
  int<lower=0> m; // columns of the design
  int<lower=1> p; // parameters
  int<lower=1> K; // terms
  vector[n] y; // loss in nats
  array[n] int<lower=1, upper=n_papers> paper;
  array[n] int<lower=1, upper=n_benchmarks> benchmark;
  matrix[n, m] X;
  array[m] int<lower=1, upper=p> owner; // parameter of each column
  array[K] int<lower=1> first; // columns of each term; none where last < first
  array[K] int<lower=0, upper=m> last;
  array[K] int<lower=0, upper=1> exponential;
  matrix[n, K] fixed; // what held parameters add
  vector[n] multiplied; // rows multiplied by sigma(theta_g)
  int<lower=0, upper=p> sigmoid; // g, or 0 without one
  int<lower=1> E; // exponentials
  int<lower=0, upper=1> split; // whether they share a level
  array[E] int<lower=1, upper=p> level; // level, splits
  int<lower=0> L; // benchmarks with differences of level and splits
  array[L, E] int<lower=1, upper=p> level_difference;
  vector<lower=0>[L + 1] weight; // part of the rows, the baseline's first
  array[p] int<lower=0, upper=E> exponent; // exponential of an elasticity, or 0
  int<lower=0> R; // groups of rates
  array[R, E] int<lower=0, upper=p> rate; // 0 where an exponential has none
  vector[p] prior_mean; // of u
  vector<lower=0>[p] prior_sd;
  vector[p] held;
  matrix[p, p] to_theta;
  vector[p] centre;
  matrix[p, p] spread;
  real<lower=0> paper_sd; // tau ~ normal+(0, paper_sd)
  real scale_mean; // of the logarithm of a benchmark's scale
  real<lower=0> scale_sd; // of what benchmarks have in common, on the logarithm
  real<lower=0> scale_benchmark_sd; // of a benchmark's own part
  real<lower=0> tail_shape; // nu - 2 ~ gamma(tail_shape, tail_rate)
  real<lower=0> tail_rate;
  int<lower=0, upper=1> prior_only;
}
parameters {
  vector[p] z;
  real<lower=0> tau;
  vector[n_papers] paper_z;
  real scale_z;
  vector[n_benchmarks] scale_benchmark_z;
  real<lower=0> tail; // nu - 2: the variance of the errors is finite
}
transformed parameters {
  vector[p] u = centre + spread * z;
  vector[p] theta;
  vector<lower=0>[n_benchmarks] sigma
      = exp(scale_mean + scale_sd * scale_z + scale_benchmark_sd * scale_benchmark_z);
  {
    vector[E] odds = rep_vector(0, E);
    array[L + 1] vector[E] share; // logarithms, the baseline's first
    vector[E] usual; // share of the mean row
    vector[p] q;
    if (split) {
      for (e in 2 : E) {
        odds[e] = u[level[e]];
      }
    }
    share[1] = log_softmax(odds);
    usual = weight[1] * exp(share[1]);
    for (l in 1 : L) {
      share[l + 1] = odds;
      for (e in 2 : E) {
        share[l + 1, e] += u[level_difference[l, e]];
      }
      share[l + 1] = log_softmax(share[l + 1]);
      usual += weight[l + 1] * exp(share[l + 1]);
    }
    for (j in 1 : p) {
      if (exponent[j]) {
        u[j] -= log(usual[exponent[j]]);
      }
    }
    for (r in 1 : R) {
      // the mean, and differences from the first: to each its own
      int begin = 0;
      real total = 0;
      real shift = 0;
      real mean_rate;
      for (e in 1 : E) {
        if (rate[r, e]) {
          total += usual[e];
          if (begin) {
            shift += usual[e] * u[rate[r, e]];
          } else {
            begin = e;
          }
        }
      }
      mean_rate = u[rate[r, begin]] - shift / total;
      u[rate[r, begin]] = mean_rate;
      for (e in begin + 1 : E) {
        if (rate[r, e]) {
          u[rate[r, e]] += mean_rate;
        }
      }
    }
    q = u;
    for (j in 1 : p) {
      if (exponent[j]) {
        q[j] = exp(u[j]);
      }
    }
    if (split) {
      for (e in 1 : E) {
        q[level[e]] = u[level[1]] + share[1, e];
        for (l in 1 : L) {
          q[level_difference[l, e]] = u[level_difference[l, 1]] + share[l + 1, e] - share[1, e];
        }
      }
    }
    theta = to_theta * (q - held);
  }
}
model {
  u ~ normal(prior_mean, prior_sd); // the determinant of z -> u is constant
  tau ~ normal(0, paper_sd);
  paper_z ~ std_normal();
  scale_z ~ std_normal();
  scale_benchmark_z ~ std_normal();
  tail ~ gamma(tail_shape, tail_rate);
  if (!prior_only) {
    vector[n] inner = rep_vector(0, n);
    vector[n] outer = tau * paper_z[paper];
    for (k in 1 : K) {
      vector[n] eta = X[ : , first[k] : last[k]] * theta[owner[first[k] : last[k]]]
                      + fixed[ : , k];
      if (exponential[k]) {
        inner += exp(eta);
      } else {
        outer += eta;
      }
    }
    if (sigmoid) {
      inner = inner .* exp(multiplied * log_inv_logit(theta[sigmoid]));
    }
    y ~ student_t(2 + tail, inner + outer, sigma[benchmark]);
  }
}
