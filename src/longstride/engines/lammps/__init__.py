"""Domain-decomposed strides: LAMMPS hosts the model over MPI."""
