//! The three questions: encrypt, let the server compute, decrypt, show.

use serde_json::json;

use super::{
    Failure,
    args::{AdArgs, NightArgs, ProfileArgs, WeightArgs},
    output::Output,
    show,
};
use crate::{
    client::{
        flow::{Job, Report, Session},
        input::{MAX_WEIGHTS, parse_weight, read_nights, read_weights},
    },
    use_cases::ad_targeting::{Profile, ProfileError},
};

pub(super) fn weights(input: &WeightArgs) -> Result<Job, Failure> {
    if let Some(file) = &input.file {
        return Ok(Job::WeightStats(read_weights(file)?));
    }
    if input.weights.len() > MAX_WEIGHTS {
        return Err(Failure::Usage(format!("{} weights; at most {MAX_WEIGHTS} are allowed", input.weights.len())));
    }
    let weights = input.weights.iter().map(|text| parse_weight(text).map_err(Failure::Usage));
    Ok(Job::WeightStats(weights.collect::<Result<_, _>>()?))
}

pub(super) fn nights(input: &NightArgs) -> Result<Job, Failure> {
    Ok(Job::SleepQuality(read_nights(&input.nights)?))
}

pub(super) fn profile(input: &ProfileArgs) -> Result<Job, Failure> {
    let profile = choose(input).map_err(|error| Failure::Usage(error.to_string()))?;
    if profile == Profile::new() {
        let sentence = "an empty profile fits every ad alike; say at least one thing, such as --interest Art";
        return Err(Failure::Usage(sentence.to_owned()));
    }
    Ok(Job::AdTargeting(Box::new(*profile.features())))
}

fn choose(input: &ProfileArgs) -> Result<Profile, ProfileError> {
    let mut profile = Profile::new().kids(input.kids);
    if let Some(name) = &input.gender {
        profile = profile.gender(name)?;
    }
    if let Some(years) = input.age {
        profile = profile.age(years)?;
    }
    if let Some(name) = &input.language {
        profile = profile.language(name)?;
    }
    if let Some(name) = &input.country {
        profile = profile.country(name)?;
    }
    input.interests.iter().try_fold(profile, |profile, name| profile.interest(name))
}

pub(super) async fn weight_stats(session: &Session, input: WeightArgs, output: Output) -> Result<(), Failure> {
    let report = session.run(weights(&input)?).await?;
    finish(&report, 0, output)
}

pub(super) async fn sleep_quality(session: &Session, input: NightArgs, output: Output) -> Result<(), Failure> {
    let report = session.run(nights(&input)?).await?;
    finish(&report, 0, output)
}

pub(super) async fn ad_targeting(session: &Session, input: AdArgs, output: Output) -> Result<(), Failure> {
    let report = session.run(profile(&input.profile)?).await?;
    if let Some(file) = &input.show.scores {
        show::write_scores(file, &report.answer)?;
    }
    finish(&report, input.show.top as usize, output)
}

fn finish(report: &Report, top: usize, output: Output) -> Result<(), Failure> {
    let (result, text) = show::answer(&report.answer, top);
    let json = || {
        json!({
            "use_case": report.use_case,
            "uid": report.uid.expose(),
            "task_id": report.task,
            "result": result,
            "timing": show::timing(&report.timing),
            "bytes": report.sizes,
        })
    };
    output.answer(json, || text)?;
    output.note(show::summary(report));
    Ok(())
}
