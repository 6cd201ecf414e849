"""Gradients through time of every cell, each method in a module of its own.
NumPy alone."""

from lib.gradients.backward_step import backward_step
from lib.gradients.differences import central_differences
from lib.gradients.fast import fast_bptt, fast_unroll
from lib.gradients.jacobians import (
    lyapunov_exponent,
    norms_over_lag,
    state_jacobians,
)
from lib.gradients.losses import mean_squared_error, squared_error
from lib.gradients.real_time import rtrl, rtrl_steps
from lib.gradients.through_time import Backward, bptt, truncated_bptt

__all__ = [
    "Backward",
    "backward_step",
    "bptt",
    "central_differences",
    "fast_bptt",
    "fast_unroll",
    "lyapunov_exponent",
    "mean_squared_error",
    "norms_over_lag",
    "rtrl",
    "rtrl_steps",
    "squared_error",
    "state_jacobians",
    "truncated_bptt",
]
