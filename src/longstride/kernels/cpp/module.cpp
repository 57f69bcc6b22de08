// Python's view of the kernel: numpy arrays in, numpy arrays out, without Python's lock.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <chrono>
#include <stdexcept>

#include "peak.hpp"
#include "site.hpp"
#include "training.hpp"

namespace nb = nanobind;

namespace longstride {

using Doubles = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;
using Positions = nb::ndarray<const double, nb::shape<-1, 3>, nb::c_contig, nb::device::cpu>;
using Cell = nb::ndarray<const double, nb::shape<3, 3>, nb::c_contig, nb::device::cpu>;
using Flags = nb::ndarray<const bool, nb::shape<3>, nb::c_contig, nb::device::cpu>;
using Species = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Changes = nb::ndarray<double, nb::shape<-1, 3>, nb::c_contig, nb::device::cpu>;
using Values = nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Strain = nb::ndarray<double, nb::shape<3, 3>, nb::c_contig, nb::device::cpu>;

// Kicks by the site scalars of one network, with a neighbour list that is kept while it is valid.
class Site {
  public:
    Site(nb::dict weights, int functions, double inner, double width, double cutoff, bool single,
         int threads, double skin)
        : pool_(threads), skin_(skin), cutoff_(cutoff), pairs_(!single) {
        SiteNetwork n;
        auto take = [&](const char* name, std::vector<double>& out) {
            auto array = nb::cast<Doubles>(weights[name]);
            out.assign(array.data(), array.data() + array.size());
            return array;
        };
        n.radial = {functions, inner, width, cutoff};
        const auto encode = take("encode", n.encode);
        n.invariants = int(encode.shape(0));
        n.hidden = int(encode.shape(1));
        n.species = int(take("encode_bias", n.encode_bias).shape(0));
        take("mix", n.mix);
        take("mix_bias", n.mix_bias);
        take("decode", n.decode);
        take("decode_bias", n.decode_bias);
        n.scalars = int(take("readout", n.readout).shape(0));
        take("linear", n.linear);
        take("center", n.center);
        take("masses", n.masses);
        surveys_ = weights.contains("novel_matrix");
        if (surveys_) {
            take("novel_origin", n.novel_origin);
            const auto matrix = take("novel_matrix", n.novel_matrix);
            if (matrix.ndim() != 3 || matrix.shape(0) != size_t(n.species) ||
                matrix.shape(1) != size_t(n.invariants) || matrix.shape(2) != size_t(n.invariants) ||
                n.novel_origin.size() != size_t(n.species) * n.invariants)
                throw std::invalid_argument("the measure of novelty has other sizes");
        }
        if (functions > MAX_RADIAL) throw std::invalid_argument("too many radial functions");
        species_ = n.species;
        scalars_ = n.scalars;
        kernel_ = site_kernel(n, single);
    }

    void kick(Positions positions, Species species, Cell cell, Flags pbc, int number, Changes out,
              int64_t centres, int64_t listed) {
        require(positions, species, number, int64_t(out.shape(0)));
        if (centres < 0 || centres > listed || listed > int64_t(positions.shape(0)))
            throw std::invalid_argument("more centres than atoms");
        nb::gil_scoped_release unlocked;
        follow(positions, species, cell, pbc, centres, listed);
        kernel_->kick(pairs_, species.data(), centres, number, pool_, out.data());
    }

    void evaluate(Positions positions, Species species, Cell cell, Flags pbc, int number,
                  Values values, Strain by_strain) {
        const int64_t n_atoms = int64_t(positions.shape(0)), centres = int64_t(values.shape(0));
        require(positions, species, number, n_atoms);
        if (centres > n_atoms) throw std::invalid_argument("more centres than atoms");
        nb::gil_scoped_release unlocked;
        follow(positions, species, cell, pbc, centres, centres);
        kernel_->evaluate(pairs_, species.data(), centres, number, pool_, values.data(),
                          by_strain.data());
    }

    void survey(Positions positions, Species species, Cell cell, Flags pbc, int number,
                Values values, Values distances, Values means) {
        require(positions, species, number, int64_t(values.shape(0)));
        require(positions, species, number, int64_t(distances.shape(0)));
        require(positions, species, number, int64_t(means.shape(0)));
        if (!surveys_) throw std::invalid_argument("no measure of novelty");
        nb::gil_scoped_release unlocked;
        follow_all(positions, species, cell, pbc);
        kernel_->survey(pairs_, species.data(), number, pool_, values.data(), distances.data(),
                        means.data());
    }

    int64_t lists() const { return lists_; }
    double list_seconds() const { return list_time_.count(); }
    int threads() const { return pool_.size(); }

  private:
    void require(const Positions& positions, const Species& species, int number,
                 int64_t n_out) const {
        const int64_t n_atoms = int64_t(positions.shape(0));
        if (int64_t(species.shape(0)) != n_atoms || n_out != n_atoms)
            throw std::invalid_argument("positions, species and results differ in length");
        if (number < 0 || number >= scalars_) throw std::invalid_argument("no such scalar");
    }

    void follow_all(const Positions& positions, const Species& species, const Cell& cell,
                    const Flags& pbc) {
        const int64_t n_atoms = int64_t(positions.shape(0));
        follow(positions, species, cell, pbc, n_atoms, n_atoms);
    }

    // Brings the list to these positions. It has the pairs of the first `needed` atoms at least; one
    // that is made anew, of the first `listed`.
    void follow(const Positions& positions, const Species& species, const Cell& cell,
                const Flags& pbc, int64_t needed, int64_t listed) {
        const auto begin = std::chrono::steady_clock::now();
        const int64_t n_atoms = int64_t(positions.shape(0));
        const bool same = lists_ > 0 && n_atoms == pairs_.n_atoms() &&
                          needed <= pairs_.listed() &&
                          std::equal(pbc_.begin(), pbc_.end(), pbc.data());
        if (same && pairs_.holds(positions.data(), cell.data(), cutoff_, pool_)) {
            pairs_.follow(positions.data(), cell.data(), pool_);
        } else {
            for (int64_t i = 0; i < n_atoms; ++i)
                if (species.data()[i] < 0 || species.data()[i] >= species_)
                    throw std::invalid_argument("no such species");
            pairs_.make(positions.data(), n_atoms, listed, cell.data(), pbc.data(), cutoff_ + skin_,
                        pool_);
            std::copy_n(pbc.data(), 3, pbc_.begin());
            ++lists_;
        }
        list_time_ += std::chrono::steady_clock::now() - begin;
    }

    Pool pool_;
    const double skin_, cutoff_;
    int species_, scalars_;
    bool surveys_;
    PairList pairs_;
    std::array<bool, 3> pbc_{};
    int64_t lists_ = 0;
    std::chrono::duration<double> list_time_{};
    std::unique_ptr<SiteKernel> kernel_;
};

}  // namespace longstride

NB_MODULE(LONGSTRIDE_MODULE, m) {
    using longstride::Site;
    // Objects that live as long as the process are no leak.
    nb::set_leak_warnings(false);
    m.attr("__doc__") = "Compiled site scalars: see site.cpp.";
    m.def(
        "peak_rate",
        [](int threads, double seconds) {
            nb::gil_scoped_release unlocked;
            longstride::Pool pool(threads);
            return longstride::peak_rate(pool, seconds);
        },
        nb::arg("threads"), nb::arg("seconds"),
        "Multiply-adds of float32 per second that the threads reach together.");
    longstride::bind_training(m);
    nb::class_<Site>(m, "Site")
        .def(nb::init<nb::dict, int, double, double, double, bool, int, double>(),
             nb::arg("weights"), nb::arg("functions"), nb::arg("inner"), nb::arg("width"),
             nb::arg("cutoff"), nb::arg("single"), nb::arg("threads"), nb::arg("skin"))
        .def("kick", &Site::kick, nb::arg("positions"), nb::arg("species"), nb::arg("cell"),
             nb::arg("pbc"), nb::arg("number"), nb::arg("out"), nb::arg("centres"),
             nb::arg("listed"),
             "Writes the velocity change (N, 3): minus the slope of a scalar's sum over the first "
             "centres by the positions, over the mass.")
        .def("evaluate", &Site::evaluate, nb::arg("positions"), nb::arg("species"), nb::arg("cell"),
             nb::arg("pbc"), nb::arg("number"), nb::arg("values"), nb::arg("by_strain"),
             "Writes a scalar's value at each of the first atoms, as many as there are values, and "
             "their sum's derivative by the strain (3, 3).")
        .def("survey", &Site::survey, nb::arg("positions"), nb::arg("species"), nb::arg("cell"),
             nb::arg("pbc"), nb::arg("number"), nb::arg("values"), nb::arg("distances"),
             nb::arg("means"),
             "Writes a scalar's value, the distance to the training data and its mean over the "
             "neighbourhood at each atom (N).")
        .def_prop_ro("lists", &Site::lists, "Neighbour lists made so far.")
        .def_prop_ro("list_seconds", &Site::list_seconds,
                     "Time spent on making neighbour lists and moving them along.")
        .def_prop_ro("threads", &Site::threads, "Threads that share the atoms.");
}
