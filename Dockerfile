# The package with an MPI of its own:
#     docker build -t wlra-dist .
#     docker run --rm wlra-dist mpiexec -n 4 wlra-dist run quickstart
FROM python:3.13-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY launch launch
COPY wlra_dist wlra_dist
COPY scenarios scenarios
RUN pip install --no-cache-dir '.[mpich,data]'
RUN useradd --create-home player && mkdir /runs && chown player /runs
USER player
WORKDIR /runs
CMD ["wlra-dist", "scenarios"]
